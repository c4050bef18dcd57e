; What encloses the cursor, and its name.
(function_declaration name: (identifier) @name) @scope.function
(method_declaration name: (field_identifier) @name) @scope.function
(func_literal) @scope.function
(type_spec name: (type_identifier) @name type: [(struct_type) (interface_type)]) @scope.type
