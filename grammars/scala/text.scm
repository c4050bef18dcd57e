[(comment) (block_comment)] @comment
[(string) (interpolated_string_expression) (character_literal)] @string
(interpolation) @code
