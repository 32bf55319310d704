package com.peerseed.scalars

import com.apollographql.apollo.api.Adapter
import com.apollographql.apollo.api.CustomScalarAdapters
import com.apollographql.apollo.api.json.JsonReader
import com.apollographql.apollo.api.json.JsonWriter
import java.math.BigDecimal
import java.time.Instant
import java.time.LocalDate
import java.time.temporal.ChronoUnit

/** Money and rates: exact, and a text on the wire. The graph refuses JSON's numbers, and exponents. */
object DecimalAdapter : Adapter<BigDecimal> {
    override fun fromJson(reader: JsonReader, customScalarAdapters: CustomScalarAdapters): BigDecimal =
        BigDecimal(reader.nextString()!!)

    override fun toJson(writer: JsonWriter, customScalarAdapters: CustomScalarAdapters, value: BigDecimal) {
        writer.value(value.toPlainString())
    }
}

/** A day, in Brasília unless the field says otherwise. */
object DateAdapter : Adapter<LocalDate> {
    override fun fromJson(reader: JsonReader, customScalarAdapters: CustomScalarAdapters): LocalDate =
        LocalDate.parse(reader.nextString()!!)

    override fun toJson(writer: JsonWriter, customScalarAdapters: CustomScalarAdapters, value: LocalDate) {
        writer.value(value.toString())
    }
}

/** An instant. The graph reads up to six decimal places of the second. */
object DateTimeAdapter : Adapter<Instant> {
    override fun fromJson(reader: JsonReader, customScalarAdapters: CustomScalarAdapters): Instant =
        Instant.parse(reader.nextString()!!)

    override fun toJson(writer: JsonWriter, customScalarAdapters: CustomScalarAdapters, value: Instant) {
        writer.value(value.truncatedTo(ChronoUnit.MICROS).toString())
    }
}
