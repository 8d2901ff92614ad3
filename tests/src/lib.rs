//! Journeys over the whole product. Being written.
