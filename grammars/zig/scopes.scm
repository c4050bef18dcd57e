; What encloses the cursor, and its name. A container is called after the constant it is assigned to.
(function_declaration name: (identifier) @name) @scope.function
(test_declaration [(string) (identifier)] @name) @scope.function
(variable_declaration
  . (identifier) @name
  [(struct_declaration) (enum_declaration) (union_declaration) (opaque_declaration) (error_set_declaration)] @scope.type)
(struct_declaration) @scope.type
(enum_declaration) @scope.type
(union_declaration) @scope.type
