; What encloses the cursor, and its name.
(method_declaration name: (identifier) @name) @scope.function
(constructor_declaration name: (identifier) @name) @scope.function
(destructor_declaration name: (identifier) @name) @scope.function
(local_function_statement name: (identifier) @name) @scope.function
(operator_declaration) @scope.function
(property_declaration name: (identifier) @name) @scope.function
(lambda_expression) @scope.function
(anonymous_method_expression) @scope.function
(class_declaration name: (identifier) @name) @scope.type
(struct_declaration name: (identifier) @name) @scope.type
(record_declaration name: (identifier) @name) @scope.type
(interface_declaration name: (identifier) @name) @scope.type
(enum_declaration name: (identifier) @name) @scope.type
(namespace_declaration name: (_) @name) @scope.module
