(comment) @comment
(string) @string
(interpolation) @code
