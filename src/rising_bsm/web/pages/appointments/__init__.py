"""Appointments as people see them: a list, a calendar, a form and a page for each."""
