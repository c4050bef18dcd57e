(comment) @comment
[
  (string)
  (subshell)
  (heredoc_body)
  (regex)
  (string_array)
  (symbol_array)
  (delimited_symbol)
  (character)
] @string
(interpolation) @code
