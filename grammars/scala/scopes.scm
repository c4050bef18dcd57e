; What encloses the cursor, and its name.
(function_definition name: (_) @name) @scope.function
(lambda_expression) @scope.function
(class_definition name: (identifier) @name) @scope.type
(trait_definition name: (identifier) @name) @scope.type
(object_definition name: (identifier) @name) @scope.type
(enum_definition name: (identifier) @name) @scope.type
(given_definition name: (identifier)? @name) @scope.type
(package_object name: (identifier) @name) @scope.module
