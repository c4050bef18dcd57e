; What encloses the cursor, and its name.
(method name: (_) @name) @scope.function
(singleton_method name: (_) @name) @scope.function
(lambda) @scope.function
(do_block) @scope.function
(block) @scope.function
(class name: (_) @name) @scope.type
(singleton_class) @scope.type
(module name: (_) @name) @scope.module
