; What encloses the cursor, and its name.
(function_definition name: (name) @name) @scope.function
(method_declaration name: (name) @name) @scope.function
(anonymous_function) @scope.function
(arrow_function) @scope.function
(class_declaration name: (name) @name) @scope.type
(interface_declaration name: (name) @name) @scope.type
(trait_declaration name: (name) @name) @scope.type
(enum_declaration name: (name) @name) @scope.type
(namespace_definition name: (namespace_name) @name body: (_)) @scope.module
