; Every key of a block is a definition of its name; an anchor too, and its alias refers to it.
(block_mapping_pair key: (flow_node [(plain_scalar) (double_quote_scalar) (single_quote_scalar)] @name)) @definition.field
(anchor (anchor_name) @name) @definition.variable
(alias (alias_name) @name) @reference.variable
