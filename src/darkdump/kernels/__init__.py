"""Compiled kernels: numbers and arrays in, numbers and arrays out; no record, no file, no message."""
