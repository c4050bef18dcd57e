; What encloses the cursor, and its name. A declarator may be wrapped in pointers, so the name is looked for at two depths.
(function_definition declarator: (function_declarator declarator: (_) @name)) @scope.function
(function_definition declarator: (_ (function_declarator declarator: (_) @name))) @scope.function
(function_definition declarator: (_ (_ (function_declarator declarator: (_) @name)))) @scope.function
(lambda_expression) @scope.function
(class_specifier name: (_)? @name body: (_)) @scope.type
(struct_specifier name: (_)? @name body: (_)) @scope.type
(union_specifier name: (_)? @name body: (_)) @scope.type
(enum_specifier name: (_)? @name body: (_)) @scope.type
(namespace_definition name: (_)? @name) @scope.module
