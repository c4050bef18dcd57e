; What encloses the cursor, and its name. A declarator may be wrapped in pointers, so the name is looked for at two depths.
(function_definition declarator: (function_declarator declarator: (_) @name)) @scope.function
(function_definition declarator: (_ declarator: (function_declarator declarator: (_) @name))) @scope.function
(function_definition declarator: (_ declarator: (_ declarator: (function_declarator declarator: (_) @name)))) @scope.function
(struct_specifier name: (type_identifier)? @name body: (_)) @scope.type
(union_specifier name: (type_identifier)? @name body: (_)) @scope.type
(enum_specifier name: (type_identifier)? @name body: (_)) @scope.type
