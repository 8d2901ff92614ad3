problem-required = This needs a value.
problem-unknown-field = There is no field of this name.
problem-not-searchable = This field cannot be searched.
problem-key-form = Use lower-case letters, digits and underscores; begin with a letter.
problem-kind-in-document = Data of this kind cannot be kept in the record.
problem-database-url = Write sqlite:PATH or postgres://user@server/database.
