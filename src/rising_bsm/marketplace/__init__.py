"""The marketplace, a system plugin: catalogue, hosting, index, review of submissions, and licences that it sells."""

MARKETPLACE = "rising-bsm.marketplace"
"""Its id as a plugin; it answers below /api/ext/rising-bsm.marketplace."""
