; Every key is a definition of its name.
(pair key: (string (string_content) @name)) @definition.field
