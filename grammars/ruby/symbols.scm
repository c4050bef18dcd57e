; Of two patterns that match one name, the first counts.
(module name: (constant) @name) @definition.module
(module name: (scope_resolution name: (constant) @name)) @definition.module
(class name: (constant) @name) @definition.class
(class name: (scope_resolution name: (constant) @name)) @definition.class
(class body: (body_statement (method name: (_) @name) @definition.method))
(module body: (body_statement (method name: (_) @name) @definition.method))
(singleton_method name: (_) @name) @definition.method
(method name: (_) @name) @definition.function
(alias name: (_) @name) @definition.method
(assignment left: (constant) @name) @definition.constant
; The name of an attribute stands after a colon.
((call method: (identifier) @_method arguments: (argument_list (simple_symbol) @name)) @definition.field
  (#match? @_method "^attr_(reader|writer|accessor)$")
  (#set! name.skip 1))

(call method: [(identifier) (constant)] @name) @reference.call
(superclass (constant) @name) @reference.type
(superclass (scope_resolution name: (constant) @name)) @reference.type
(call receiver: (constant) @name) @reference.type
(call receiver: (scope_resolution name: (constant) @name)) @reference.type
