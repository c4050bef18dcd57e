"""A harbour: its berths, pilots, tides and tugs."""
