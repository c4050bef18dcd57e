; What encloses the cursor: the keys that hold an object or an array.
(pair key: (string (string_content) @name) value: [(object) (array)]) @scope.section
