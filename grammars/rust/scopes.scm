; What encloses the cursor, and its name.
(function_item name: (identifier) @name) @scope.function
(function_signature_item name: (identifier) @name) @scope.function
(closure_expression) @scope.function
(macro_definition name: (identifier) @name) @scope.function
(struct_item name: (type_identifier) @name) @scope.type
(enum_item name: (type_identifier) @name) @scope.type
(union_item name: (type_identifier) @name) @scope.type
(trait_item name: (type_identifier) @name) @scope.type
(impl_item type: (_) @name) @scope.type
(mod_item name: (identifier) @name) @scope.module
