"""The tests of the product; they mirror its packages."""
