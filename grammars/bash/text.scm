(comment) @comment
[(string) (raw_string) (ansi_c_string) (translated_string) (heredoc_body)] @string
; What is expanded is code again.
(string [(command_substitution) (expansion) (simple_expansion) (arithmetic_expansion)] @code)
(heredoc_body [(command_substitution) (expansion) (simple_expansion) (arithmetic_expansion)] @code)
