; What encloses the cursor, and its name.
(function_definition name: (word) @name) @scope.function
