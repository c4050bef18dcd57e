; What encloses the cursor, and its name. A function value is called after what it is assigned to.
(function_declaration name: (_) @name) @scope.function
(assignment_statement
  (variable_list . name: (_) @name .)
  (expression_list . value: (function_definition) @scope.function .))
(field name: (_) @name value: (function_definition) @scope.function)
(function_definition) @scope.function
