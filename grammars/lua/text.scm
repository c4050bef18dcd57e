[(comment) (hash_bang_line)] @comment
(string) @string
