// What an Android module's build has for the graph: this folder lies beside it as `mobile/`.
plugins {
    id("com.apollographql.apollo") version "4.3.3"
}

apollo {
    service("peerseed") {
        packageName.set("com.peerseed.graph")
        schemaFiles.from("mobile/schema.graphqls")
        srcDir("mobile/operations")
        operationManifestFormat.set("persistedQueryManifest")
        mapScalar("Decimal", "java.math.BigDecimal", "com.peerseed.scalars.DecimalAdapter")
        mapScalar("Date", "java.time.LocalDate", "com.peerseed.scalars.DateAdapter")
        mapScalar("DateTime", "java.time.Instant", "com.peerseed.scalars.DateTimeAdapter")
    }
}

dependencies {
    implementation("com.apollographql.apollo:apollo-runtime:4.3.3")
}

kotlin.sourceSets.named("main") { kotlin.srcDir("mobile/android") }
