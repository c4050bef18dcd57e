(comment) @comment
[(string) (encapsed_string) (heredoc) (nowdoc) (shell_command_expression)] @string
; What is interpolated is an expression, and the braces around it are of the string.
(encapsed_string [(variable_name) (member_access_expression) (member_call_expression) (subscript_expression) (dynamic_variable_name)] @code.bare)
(heredoc_body [(variable_name) (member_access_expression) (member_call_expression) (subscript_expression) (dynamic_variable_name)] @code.bare)
