# La auditoría y la lente de seguridad
