"""Files in and out: the formats that the field uses for digits. A module a format."""
