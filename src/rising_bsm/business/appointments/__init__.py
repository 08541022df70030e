"""Appointments: the entity, what may be written and asked, and what the business does with them."""

from rising_bsm.business.appointments.model import Appointment
from rising_bsm.business.appointments.schema import AppointmentDraft, AppointmentFields, AppointmentQuery
from rising_bsm.business.appointments.service import Appointments

HOOK_POINTS = ("appointments.create", "appointments.update", "appointments.delete")
"""The moments of an appointment's life that `hooks` are asked about beforehand."""

__all__ = ["HOOK_POINTS", "Appointment", "AppointmentDraft", "AppointmentFields", "AppointmentQuery", "Appointments"]
