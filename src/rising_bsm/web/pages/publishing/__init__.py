"""The pages of those who publish plugins on the marketplace of this instance."""
