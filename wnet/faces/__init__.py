"""Everything that looks at one face: rendering, landmarks, cropping, parsing, identity."""
