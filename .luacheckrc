std = "lua53"
read_globals = { "core" }
max_line_length = 130
