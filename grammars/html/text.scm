(comment) @comment
[(quoted_attribute_value) (attribute (attribute_value))] @string
