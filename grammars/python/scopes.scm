; What encloses the cursor, and its name.
(function_definition name: (identifier) @name) @scope.function
(lambda) @scope.function
(class_definition name: (identifier) @name) @scope.type
