; What encloses the cursor, and its name.
(function_declaration name: (identifier) @name) @scope.function
(secondary_constructor) @scope.function
(anonymous_function) @scope.function
(lambda_literal) @scope.function
(class_declaration name: (identifier) @name) @scope.type
(object_declaration name: (identifier) @name) @scope.type
(companion_object (identifier)? @name) @scope.type
