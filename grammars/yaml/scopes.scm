; What encloses the cursor: the keys that hold a mapping, a sequence or a block of text.
(block_mapping_pair key: (_) @name value: (block_node)) @scope.section
