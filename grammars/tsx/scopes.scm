; What encloses the cursor, and its name. A function value is called after what it is assigned to.
(function_declaration name: (identifier) @name) @scope.function
(generator_function_declaration name: (identifier) @name) @scope.function
(method_definition name: (_) @name) @scope.function
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)] @scope.function)
(assignment_expression
  left: (_) @name
  right: [(arrow_function) (function_expression) (generator_function)] @scope.function)
(pair
  key: (_) @name
  value: [(arrow_function) (function_expression) (generator_function)] @scope.function)
(public_field_definition
  name: (_) @name
  value: [(arrow_function) (function_expression) (generator_function)] @scope.function)
(arrow_function) @scope.function
(function_expression name: (identifier)? @name) @scope.function
(generator_function name: (identifier)? @name) @scope.function
(class_declaration name: (type_identifier) @name) @scope.type
(class name: (type_identifier)? @name) @scope.type
(abstract_class_declaration name: (type_identifier) @name) @scope.type
(interface_declaration name: (type_identifier) @name) @scope.type
(type_alias_declaration name: (type_identifier) @name) @scope.type
(enum_declaration name: (identifier) @name) @scope.type
(internal_module name: (_) @name) @scope.module
(module name: (_) @name) @scope.module
