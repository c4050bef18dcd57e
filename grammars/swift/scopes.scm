; What encloses the cursor, and its name. An extension is called after the type it extends.
(function_declaration name: (_) @name) @scope.function
(init_declaration "init" @name) @scope.function
(deinit_declaration "deinit" @name) @scope.function
(lambda_literal) @scope.function
(class_declaration name: (_) @name) @scope.type
(protocol_declaration name: (type_identifier) @name) @scope.type
