"""The parts of the report's pages."""
