"""The domain's enums, as the graph names them. Importing this registers them."""

import strawberry

from subgraphs.notifications.domain.vocabulary import Category, Channel, Language, Platform

strawberry.enum(Category, name="NotificationCategory", description="Kinds of notification, as preferences name them.")
strawberry.enum(
    Channel,
    name="NotificationChannel",
    description="Ways out of the app. The inbox in the app is no channel: it has everything.",
)
strawberry.enum(Language, name="NotificationLanguage", description="What people are written to in.")

strawberry.enum(Platform, name="DevicePlatform", description="What a device is, and so which provider reaches it.")

__all__ = ["Category", "Channel", "Language", "Platform"]
