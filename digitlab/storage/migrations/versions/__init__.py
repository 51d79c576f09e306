"""The steps. What a released step does is never changed: tables in `schema` go on, a step stays as it was."""
