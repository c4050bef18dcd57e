; What encloses the cursor, and its name.
(method_declaration name: (identifier) @name) @scope.function
(constructor_declaration name: (identifier) @name) @scope.function
(compact_constructor_declaration name: (identifier) @name) @scope.function
(lambda_expression) @scope.function
(class_declaration name: (identifier) @name) @scope.type
(interface_declaration name: (identifier) @name) @scope.type
(enum_declaration name: (identifier) @name) @scope.type
(record_declaration name: (identifier) @name) @scope.type
(annotation_type_declaration name: (identifier) @name) @scope.type
