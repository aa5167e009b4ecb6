"""A service as small as a service can be, started as processes of its own by test_process.py."""
