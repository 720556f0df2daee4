//! Empty room: its tenant moves in next.
