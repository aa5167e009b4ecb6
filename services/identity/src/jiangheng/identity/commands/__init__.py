"""What `jiangheng-identity` does, one file per noun; command.py puts them together."""
