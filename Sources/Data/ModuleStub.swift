enum DataModuleStub {}
