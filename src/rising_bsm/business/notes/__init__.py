"""Notes that people leave on customers, appointments and service requests."""

from rising_bsm.business.notes.model import Note
from rising_bsm.business.notes.schema import NoteDraft, NoteQuery

__all__ = ["Note", "NoteDraft", "NoteQuery"]
