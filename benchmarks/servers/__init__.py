"""The services that the REST interface is measured against."""
