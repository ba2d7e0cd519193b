"""Files that hold networks: released ones by name (`store`), and what lies inside a file."""
