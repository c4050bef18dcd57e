; What encloses the cursor: the tables, by their headers.
(table . [(bare_key) (quoted_key) (dotted_key)] @name) @scope.section
(table_array_element . [(bare_key) (quoted_key) (dotted_key)] @name) @scope.section
